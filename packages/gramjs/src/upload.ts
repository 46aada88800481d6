import type {MovingAction, ProgressAction} from '@auto-typing/mtproto';

/** What this package reads of the parameters of `client.sendFile`. */
export interface FileParameters {
	readonly file?: unknown;
	readonly voiceNote?: boolean;
	readonly videoNote?: boolean;
	readonly forceDocument?: boolean;
	readonly progressCallback?: Progress;
	readonly replyTo?: unknown;
	readonly topMsgId?: unknown;
	readonly commentTo?: unknown;
	readonly scheduleDate?: number;
}

/** GramJS tells it how far an upload is, 0–1, and looks for the mark that ends it. */
interface Progress {
	(progress: number): void;
	isCanceled?: boolean;
}

/** An upload on its way: what to show, and the parameters by which GramJS keeps it up to date. */
export interface Upload {
	readonly action: ProgressAction;
	readonly parameters: FileParameters;
}

/**
What `client.sendFile` is about to upload, for the chat it names and for now; `undefined` if the file is on the service already, or will be fetched
by it. A comment goes to another chat, which only the service knows.
*/
export function uploadOf(parameters: FileParameters): Upload | undefined {
	const files: readonly unknown[] = Array.isArray(parameters.file) ? parameters.file : [parameters.file];
	const first = files.find(isUploaded);
	if (first === undefined || (parameters.commentTo ?? parameters.scheduleDate) !== undefined) {
		return undefined;
	}

	let progress = 0;
	return {
		action: {
			type: uploadType(first, parameters),
			get progress() {
				return progress * 100;
			},
		},
		parameters: Array.isArray(parameters.file)
			? {...parameters, file: counted(files, share => (progress = share))}
			: {...parameters, progressCallback: heard(parameters.progressCallback, share => (progress = share))},
	};
}

/** By the rules of GramJS: text is a path or an address, and an object of the schema names what the service has. */
function isUploaded(file: unknown): boolean {
	return typeof file === 'string' ? !/^https?:\/\//.test(file) : typeof file === 'object' && file !== null && !('className' in file);
}

const types: ReadonlyArray<readonly [RegExp, MovingAction]> = [
	[/\.(?:png|jpe?g)$/i, 'upload_photo'],
	[/\.(?:mp4|mov|m4v|webm|mkv|avi|mpe?g|3gp)$/i, 'upload_video'],
	[/\.(?:mp3|m4a|ogg|oga|opus|flac|wav|aac)$/i, 'upload_voice'],
];

function uploadType(file: unknown, {voiceNote, videoNote, forceDocument}: FileParameters): MovingAction {
	if (voiceNote || videoNote) {
		return voiceNote ? 'upload_voice' : 'upload_video_note';
	}

	const {name} = typeof file === 'string' ? {name: file} : (file as {name?: unknown});
	const known = typeof name === 'string' && !forceDocument ? types.find(([pattern]) => pattern.test(name)) : undefined;
	return known?.[1] ?? 'upload_document';
}

/** The user's own callback still hears of everything, and may still end it. */
function heard(theirs: Progress | undefined, hear: (share: number) => void): Progress {
	const callback = (share: number) => {
		hear(share);
		theirs?.(share);
	};
	return Object.defineProperty(callback, 'isCanceled', {get: () => theirs?.isCanceled});
}

/** Of an album GramJS says nothing. But it takes one file after the other. */
function counted(files: readonly unknown[], hear: (share: number) => void): readonly unknown[] {
	return Object.assign([...files], {
		*[Symbol.iterator]() {
			for (const [index, file] of files.entries()) {
				hear(index / files.length);
				yield file;
			}

			hear(1);
		},
	});
}

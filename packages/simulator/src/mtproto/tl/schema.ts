/** One field of a constructor, or one parameter of a method. */
export interface Field {
	readonly name: string;
	/** `int`, `long`, `Vector<InputUser>`, a constructor's type… */
	readonly type: string;
	/** Where a field may be missing: the bit of that other field which says that it is there. */
	readonly flag?: {readonly field: string; readonly bit: number};
}

/** A constructor or a method. */
export interface Definition {
	readonly name: string;
	readonly id: number;
	readonly fields: readonly Field[];
	/** The type it makes; for a method that of its result. */
	readonly type: string;
}

/** A schema of Telegram's type language, from its text. @see https://core.telegram.org/mtproto/TL */
export class Schema {
	readonly #byId = new Map<number, string>();
	readonly #byName = new Map<string, string>();
	readonly #parsed = new Map<string, Definition>();

	/** @param texts - schemas; where two define the same, the later one counts */
	constructor(...texts: readonly string[]) {
		for (const [line, name = '', id = ''] of texts.join('\n').matchAll(/^([\w.]+)#([\da-f]+) .*;$/gm)) {
			this.#byName.set(name, line);
			this.#byId.set(Number.parseInt(id, 16), line);
		}
	}

	/** @throws {TypeError} if there is none */
	named(name: string): Definition {
		return this.#parse(this.#byName.get(name), name);
	}

	/** @throws {TypeError} if there is none */
	withId(id: number): Definition {
		return this.#parse(this.#byId.get(id), `#${id.toString(16)}`);
	}

	/** A schema has two thousand lines and a test needs forty of them, so they are parsed when they are needed. */
	#parse(line: string | undefined, name: string): Definition {
		if (line === undefined) throw new TypeError(`The schema knows no ${name}`);
		const known = this.#parsed.get(line);
		if (known) return known;
		const [, own = '', id = '', fields = '', type = ''] = /^([\w.]+)#([\da-f]+) (.*)= (.+);$/.exec(line) ?? [];
		const definition = {name: own, id: Number.parseInt(id, 16), fields: [...fieldsIn(fields)], type};
		this.#parsed.set(line, definition);
		return definition;
	}
}

function* fieldsIn(text: string): Iterable<Field> {
	// `{X:Type}` declares a type and is nothing on the wire.
	for (const [, name = '', field, bit, type = ''] of text.matchAll(/(?<!\{)\b(\w+):(?:(\w+)\.(\d+)\?)?([^\s}]+)/g)) {
		yield field === undefined ? {name, type} : {name, type, flag: {field, bit: Number(bit)}};
	}
}

/** The item type of a vector. `bare` ones have no constructor id in front. */
export function vectorOf(type: string): {readonly item: string; readonly bare: boolean} | undefined {
	const [, letter, item] = /^(V|v)ector<(.+)>$/.exec(type) ?? [];
	return item === undefined ? undefined : {item: item.replace(/^%/, ''), bare: letter === 'v'};
}

/** The ids every schema shares. */
export const ids = {true: 0x99_72_75_b5, false: 0xbc_79_97_37, vector: 0x1c_b5_c4_15} as const;

/**
Resolves after so many milliseconds, at once (and with no timer) for 0 or less.

@returns false if the signal was aborted first
*/
export async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
	if (signal.aborted) return false;
	if (ms <= 0) return true;
	return new Promise(resolve => {
		const settle = (waited: boolean) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
			resolve(waited);
		};

		const abort = () => settle(false);
		const timer = setTimeout(settle, ms, true);
		signal.addEventListener('abort', abort);
	});
}

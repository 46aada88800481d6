/** Where a language model answers, in the format most of them speak. */
export interface Model {
	/** Of the chat completions, all of it: `https://…/v1/chat/completions`. */
	readonly url: string;
	readonly name: string;
	readonly key?: string | undefined;
}

/**
Asks a language model.

@param signal - Ends the request: the model hears that we hung up, and stops to work and to charge.
@throws The reason of `signal`, once that is aborted.
*/
export async function ask({url, name, key}: Model, question: string, signal: AbortSignal): Promise<string> {
	const response = await fetch(url, {
		method: 'POST',
		headers: {'content-type': 'application/json', ...(key && {authorization: `Bearer ${key}`})},
		body: JSON.stringify({model: name, messages: [{role: 'user', content: question}]}),
		signal,
	});
	if (!response.ok) {
		throw new Error(`The model refused: ${response.status} ${response.statusText}`);
	}

	const {choices} = (await response.json()) as {choices?: ReadonlyArray<{message?: {content?: string | null}}>};
	return choices?.[0]?.message?.content ?? 'I am at a loss for words.';
}

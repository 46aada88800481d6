type Method = (...parameters: any[]) => any;

type MethodOf<Owner, Name extends keyof Owner> = Extract<Owner[Name], Method>;

/**
Put another function in the place of a method of this one object. Its class, and every other object, stay as they are, and so does an object that
has no such method.

@param replacement - Called instead, with the method as it was before all else.
*/
export function override<Owner extends object, Name extends keyof Owner>(
	owner: Owner,
	name: Name,
	replacement: (method: MethodOf<Owner, Name>, ...parameters: Parameters<MethodOf<Owner, Name>>) => ReturnType<MethodOf<Owner, Name>>,
): void {
	const original: unknown = owner[name];
	if (typeof original !== 'function') {
		return;
	}

	function installed(this: unknown, ...parameters: Parameters<MethodOf<Owner, Name>>): unknown {
		const method = (...others: unknown[]): unknown => Reflect.apply(original as Method, this, others);
		return replacement(method as MethodOf<Owner, Name>, ...parameters);
	}

	Object.defineProperty(owner, name, {value: installed, configurable: true, writable: true});
}

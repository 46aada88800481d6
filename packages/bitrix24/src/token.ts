/**
Whether two tokens are the same, in a time that doesn't tell how much of them is.

Not `timingSafeEqual` of Node.js: that refuses tokens of different length, and this runs on any runtime.
*/
export function isSameToken(given: string, expected: string): boolean {
	let difference = given.length ^ expected.length;
	for (let index = 0; index < given.length; index++) {
		difference |= given.charCodeAt(index) ^ expected.charCodeAt(index % expected.length);
	}

	return difference === 0;
}

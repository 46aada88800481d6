/** A stretch of time on the log's own clock, in milliseconds. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** What the person saw for one unbroken stretch. */
export interface Shown extends Span {
	readonly action: string;
}

/** The share (0–1) of `from`…`to` that the spans cover; 1 for an empty stretch, in which nothing could be missed. */
export function covered(spans: readonly Span[], from: number, to: number): number {
	if (to <= from) return 1;
	const missed = dark(spans, from, to).reduce((sum, gap) => sum + gap.to - gap.from, 0);
	return 1 - missed / (to - from);
}

/** The gaps in `from`…`to` that no span covers, in order. The spans must be in order too. */
export function dark(spans: readonly Span[], from: number, to: number): Span[] {
	const gaps: Span[] = [];
	let seen = from;
	for (const span of spans) {
		if (span.from >= to) break;
		if (span.from > seen) gaps.push({from: seen, to: span.from});
		seen = Math.max(seen, span.to);
	}

	if (seen < to) gaps.push({from: seen, to});
	return gaps;
}

/** The milliseconds from `at`, or from the first span after it, to the end of that span; 0 if nothing shows any more. */
export function after(spans: readonly Span[], at: number): number {
	const next = spans.find(span => span.to > at);
	return next ? next.to - Math.max(next.from, at) : 0;
}

import {generate} from 'selfsigned';

/** A key, and the certificate it signed for itself. */
export interface Certificate {
	readonly key: string;
	readonly cert: string;
}

/** One for the loopback interface. The SDK insists on https; a client has to be told to trust it. */
export async function makeCertificate(): Promise<Certificate> {
	const {private: key, cert} = await generate([{name: 'commonName', value: 'localhost'}], {
		keyType: 'ec', // Made in a moment.
		algorithm: 'sha256',
		extensions: [
			{
				name: 'subjectAltName',
				altNames: [
					{type: 2, value: 'localhost'},
					{type: 7, ip: '127.0.0.1'},
				],
			},
		],
	});
	return {key, cert};
}

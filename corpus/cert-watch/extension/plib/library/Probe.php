<?php

/**
 * Asks a site for its certificate, as a browser would.
 */
class Modules_CertWatch_Probe
{
    const TIMEOUT = 8;

    /**
     * @param string $host
     * @return array|null fingerprint, issuer and validTo; null when the site does not answer
     */
    public function ask($host)
    {
        $context = stream_context_create(['ssl' => [
            'capture_peer_cert' => true,
            'verify_peer' => false,
            'SNI_enabled' => true,
            'peer_name' => $host,
        ]]);
        $stream = @stream_socket_client("ssl://{$host}:443", $code, $message, self::TIMEOUT, STREAM_CLIENT_CONNECT, $context);
        if ($stream === false) {
            pm_Log::debug("{$host} does not answer: {$message} ({$code})");
            return null;
        }
        $options = stream_context_get_params($stream);
        fclose($stream);
        $parsed = openssl_x509_parse($options['options']['ssl']['peer_certificate']);
        if ($parsed === false) {
            return null;
        }
        return [
            'fingerprint' => openssl_x509_fingerprint($options['options']['ssl']['peer_certificate'], 'sha256'),
            'issuer' => isset($parsed['issuer']['O']) ? $parsed['issuer']['O'] : null,
            'validTo' => $parsed['validTo_time_t'],
        ];
    }
}

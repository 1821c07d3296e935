/* SPDX-License-Identifier: BSD-2-Clause */

/* Servers that cannot be reached: one line in the log when an outage begins,
 * with what to do about it, and one when it is over. */

#include "worker/task/http_internal.h"

#include <openssl/x509_vfy.h>


#define WORKER_VERIFY_ANY        (-1L)

#define WORKER_HTTP_OTHER_NAME                                                \
    "its certificate is made out to another name: correct the URL, or have "  \
    "the certificate made out to this one"


typedef struct {
    CURLcode     code;
    long         verify;                /* X509_V_*: what is wrong with the
                                           chain; none: with the name */
    const char  *advice;
} worker_http_advice_t;


/* The first that fits. */
static const worker_http_advice_t  worker_http_advices[] = {
    { CURLE_PEER_FAILED_VERIFICATION, X509_V_OK, WORKER_HTTP_OTHER_NAME },
    { CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_UNSPECIFIED,
      WORKER_HTTP_OTHER_NAME },
    { CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_HAS_EXPIRED,
      "its certificate has to be renewed, unless the clock here is wrong" },
    { CURLE_PEER_FAILED_VERIFICATION, X509_V_ERR_CERT_NOT_YET_VALID,
      "its certificate is not valid yet, unless the clock here is wrong" },
    { CURLE_PEER_FAILED_VERIFICATION, WORKER_VERIFY_ANY,
      "its certificate does not lead to an authority that is trusted: name "
      "the right one in http_ca_file or payment_ca_file" },
    { CURLE_SSL_CACERT_BADFILE, WORKER_VERIFY_ANY,
      "correct http_ca_file or payment_ca_file: certificates in PEM" },
    { CURLE_SSL_CERTPROBLEM, WORKER_VERIFY_ANY,
      "correct payment_certificate and payment_certificate_key: PEM, and the "
      "key without a passphrase" },
    { CURLE_SSL_CLIENTCERT, WORKER_VERIFY_ANY,
      "it wants a certificate of ours: name one in payment_certificate" },
    { CURLE_SSL_CONNECT_ERROR, WORKER_VERIFY_ANY,
      "it has to speak TLS 1.2 or a later one there" },
    { CURLE_COULDNT_RESOLVE_HOST, WORKER_VERIFY_ANY,
      "correct the name in the URL, or have it known to this machine" },
};

#define WORKER_HTTP_ADVICES                                                   \
    (sizeof(worker_http_advices) / sizeof(worker_http_advices[0]))


static const char *
worker_http_advice(CURLcode code, long verify)
{
    size_t                       i;
    const worker_http_advice_t  *row;

    for (i = 0; i < WORKER_HTTP_ADVICES; i++) {
        row = &worker_http_advices[i];
        if (row->code == code
            && (row->verify == WORKER_VERIFY_ANY || row->verify == verify))
        {
            return row->advice;
        }
    }

    return "see the address, and the network between";
}


void
worker_http_outage_begin(worker_http_request_t *request, CURLcode code,
    base_str_t cause)
{
    long                   verify = X509_V_OK;
    worker_http_t         *http = request->http;
    worker_http_origin_t  *origin = request->origin;

    if (origin->outage) {
        return;
    }

    origin->outage = true;
    (void) curl_easy_getinfo(request->easy, CURLINFO_SSL_VERIFYRESULT,
                             &verify);
    worker_log(http->settings.log, WORKER_LOG_ERROR,
               "%.*s is not reached, and nothing was sent to it: %.*s; %s",
               (int) origin->name_bytes, origin->name, BASE_STR_ARG(cause),
               worker_http_advice(code, verify));
}


void
worker_http_outage_end(worker_http_t *http, worker_http_origin_t *origin)
{
    if (!origin->outage) {
        return;
    }

    origin->outage = false;
    worker_log(http->settings.log, WORKER_LOG_NOTICE, "%.*s is reached again",
               (int) origin->name_bytes, origin->name);
}

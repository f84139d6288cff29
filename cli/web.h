/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_WEB_H
#define DG_CLI_WEB_H

#include <jansson.h>

/* JSON over HTTP and HTTPS, from the person's side: no redirects, no other
 * scheme, bounded time and size; certificates are checked. */

/**
 * Ask a service.
 *
 * @param url   Of the service, without the path.
 * @param path  "/v1/tickets".
 * @param body  To be posted; NULL: a GET.
 * @param[out] code  Of HTTP; 0 when there was no answer.
 *
 * @return What it answered; NULL after a complaint on stderr.  The caller owns
 *         it.
 */
json_t *dg_cli_web_ask(const char *url,
                       const char *path,
                       const json_t *body,
                       long *code);

/** Print the error of an answer: field, problem, remedy. */
void dg_cli_web_complain(const char *verb, const json_t *answer);

#endif

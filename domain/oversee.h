/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_OVERSEE_H
#define DG_OVERSEE_H

#include "supervisor.h"

/* A parser that dies must not end therapy; one that dies at every start must
 * not keep the processor busy. */
#define DG_OVERSEE_PAUSE_MS_MIN 100   /* before the first new start       */
#define DG_OVERSEE_PAUSE_MS_MAX 30000 /* it doubles up to this            */
#define DG_OVERSEE_STEADY_MS    60000 /* after such a life it starts anew */
#define DG_OVERSEE_SILENCE_MS   15000 /* three beats missed               */

/** Pause before the next start after so many failures in a row, ms. */
int64_t dg_oversee_pause_ms(unsigned failures);

/**
 * Start the roles and look after them until SIGTERM, SIGINT, or the end of a
 * role on which therapy rests.  Says on stderr what happened.
 *
 * @param crypto     For SHA-256 of the programs.
 * @param directory  The state directory: health.json is written there.
 * @param signals    A signalfd of SIGCHLD, SIGTERM and SIGINT.
 *
 * @return 0 ended as asked, 1 could not run or a role ended.
 */
int dg_oversee(const struct dg_domain_options *options,
               const struct dg_crypto *crypto,
               int directory,
               int signals);

#endif

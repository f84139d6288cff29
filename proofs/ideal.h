/* SPDX-License-Identifier: Apache-2.0 */
/* What a proof assumes of the ports.  Read by Frama-C only, in front of every
 * file (tools/prove). */
#ifndef DG_PROOFS_IDEAL_H
#define DG_PROOFS_IDEAL_H

#endif

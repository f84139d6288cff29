/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_LINKS_H
#define DG_EVAL_PROFILE_LINKS_H

#include "eval/profile/profile.h"

/**
 * See that ids are well formed and stand once, and that every link leads
 * somewhere.
 *
 * @param is_imported  Links that lead out of the file are marked, not refused:
 *                     a module points into its base.
 *
 * @retval DG_OK, DG_E_MALFORMED (@p problem says file and line), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_profile_link(struct dg_profile *profile,
                                            bool is_imported,
                                            struct dg_problem *problem);

#endif

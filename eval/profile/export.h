/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_EXPORT_H
#define DG_EVAL_PROFILE_EXPORT_H

#include "eval/profile/profile.h"

/**
 * Write a profile of ours as CC XML (schema CCProtectionProfile.rng).
 *
 * What the format has no place for (plain words, agents, links to tests) goes
 * into HTML elements with a class "dosegate-..."; reading the file again gives
 * the same profile.
 *
 * @param      package  An assurance package whose SARs are written as well;
 *                      NULL: only those of the profile.
 * @param[out] text     UTF-8; free() it; NULL unless DG_OK.
 *
 * @retval DG_OK           Written, and read again.
 * @retval DG_E_MALFORMED  No profile of ours, or it cannot be said in CC XML;
 *                         @p problem says why.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_profile_export(const struct dg_profile *profile,
                                              const struct dg_profile *package,
                                              char **text,
                                              size_t *size,
                                              struct dg_problem *problem);

/**
 * Write any profile as our YAML; reading it again gives the same.
 *
 * @param[out] text  UTF-8; free() it; NULL unless DG_OK.
 *
 * @retval DG_OK, DG_E_PORT (memory is out).
 */
DG_NODISCARD enum dg_status dg_profile_write(const struct dg_profile *profile,
                                             char **text,
                                             size_t *size);

#endif

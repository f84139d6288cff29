/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_VERBS_H
#define DG_CLI_VERBS_H

/* Every verb: arguments after its own name; argv[0] is the verb.  Gives the
 * exit code: 0 ok, 1 could not run, 2 the product failed. */
#define DG_CLI_OK     0
#define DG_CLI_FAILED 1

int dg_cli_up(int argc, char **argv);
int dg_cli_down(int argc, char **argv);
int dg_cli_pair(int argc, char **argv);
int dg_cli_phone(int argc, char **argv);
int dg_cli_phones(int argc, char **argv);
int dg_cli_revoke(int argc, char **argv);
int dg_cli_lease(int argc, char **argv);
int dg_cli_update(int argc, char **argv);
int dg_cli_attest(int argc, char **argv);
int dg_cli_anchors(int argc, char **argv);
int dg_cli_policy(int argc, char **argv);
int dg_cli_requalify(int argc, char **argv);
int dg_cli_bolus(int argc, char **argv);
int dg_cli_temp_basal(int argc, char **argv);
int dg_cli_prime(int argc, char **argv);
int dg_cli_glucagon(int argc, char **argv);
int dg_cli_refill(int argc, char **argv);
int dg_cli_sensor(int argc, char **argv);
int dg_cli_basal(int argc, char **argv);
int dg_cli_suspend(int argc, char **argv);
int dg_cli_resume(int argc, char **argv);
int dg_cli_limits(int argc, char **argv);
int dg_cli_prescribe(int argc, char **argv);
int dg_cli_status(int argc, char **argv);
int dg_cli_stop(int argc, char **argv);
int dg_cli_domain(int argc, char **argv);
int dg_cli_compare(int argc, char **argv);
int dg_cli_rate(int argc, char **argv);
int dg_cli_evaluate(int argc, char **argv);
int dg_cli_report(int argc, char **argv);
int dg_cli_catalogue(int argc, char **argv);
int dg_cli_adapter(int argc, char **argv);
int dg_cli_journal(int argc, char **argv);
int dg_cli_profile(int argc, char **argv);
int dg_cli_trial(int argc, char **argv);
int dg_cli_verify(int argc, char **argv);

#endif

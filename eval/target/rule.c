/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/rule.h"

#include <stddef.h>

#define ERROR   DG_SEVERITY_ERROR
#define WARNING DG_SEVERITY_WARNING

/* Elements: CC Part 3 v3.1 R5; what has none is ours.
 * @satisfies{EVL_TARGET.2@1} */
static const struct dg_rule rules[DG_RULES] = {
    [DG_RULE_OPEN] = {"OPEN",
                      "ours",
                      ERROR,
                      "no text is left to be written",
                      "write it in place of the question mark"},
    [DG_RULE_INT_1] =
        {"INT-1",
         "ASE_INT.1.2C",
         ERROR,
         "document and product have a full reference: title, version, date, "
         "author; maker, name, version",
         "write what is missing"},
    [DG_RULE_INT_1_DIGEST] =
        {"INT-1d",
         "ours",
         ERROR,
         "the product is named by the SHA-256 of its firmware",
         "write firmware_digest: 64 hexadecimal digits (or per-build while the "
         "product is not released)"},
    [DG_RULE_INT_2] =
        {"INT-2",
         "ASE_INT.1.4C",
         ERROR,
         "the overview has usage, security features, type, and what the "
         "product needs beside it (none, if nothing)",
         "write what is missing below overview, or type below product"},
    [DG_RULE_INT_3] =
        {"INT-3",
         "ASE_INT.1.7C",
         ERROR,
         "the scope names each part with version and form of delivery, and "
         "what they do",
         "write what is missing below scope"},
    [DG_RULE_INT_4] = {"INT-4",
                       "ASE_INT.1.1E",
                       ERROR,
                       "the product is called by one name everywhere",
                       "use the name below product, letter by letter"},
    [DG_RULE_CCL_1] =
        {"CCL-1",
         "ASE_CCL.1.1C",
         ERROR,
         "the edition of the criteria is named, and is that of the profiles",
         "write edition: 3.1R5 or 2022, as the profile does"},
    [DG_RULE_CCL_2] =
        {"CCL-2",
         "ASE_CCL.1.3C",
         ERROR,
         "Part 2 is extended if, and only if, some SFR is not in it",
         "write part2: extended, or conformant"},
    [DG_RULE_CCL_3] =
        {"CCL-3",
         "ASE_CCL.1.4C",
         ERROR,
         "Part 3 is extended if, and only if, some SAR is not in it",
         "write part3: extended, or conformant"},
    [DG_RULE_CCL_4] =
        {"CCL-4",
         "ASE_CCL.1.5C",
         ERROR,
         "every claimed profile and package is found by id, version and "
         "SHA-256",
         "name one that is there; when it changed, read what, then pin it "
         "anew"},
    [DG_RULE_CCL_4_PIN] =
        {"CCL-4p",
         "ours",
         WARNING,
         "every claimed profile and package is pinned by SHA-256",
         "write sha256 before the target is released"},
    [DG_RULE_CCL_5] =
        {"CCL-5",
         "ASE_CCL.1.6C",
         ERROR,
         "a package is conformant with exactly its components, augmented with "
         "at least one more or higher",
         "write conformance: conformant or augmented, and adds, as sars has "
         "it"},
    [DG_RULE_CCL_6] = {"CCL-6",
                       "ASE_CCL.1.8C",
                       ERROR,
                       "the kind of conformance is one that the profile allows",
                       "claim what the profile asks for"},
    [DG_RULE_CCL_8_PROBLEM] =
        {"CCL-8p",
         "ASE_CCL.1.8C",
         ERROR,
         "every threat, policy and assumption of a profile is taken (an "
         "assumption may go when all its objectives became the product's)",
         "take it below problem"},
    [DG_RULE_CCL_8_OBJECTIVE] =
        {"CCL-8o",
         "ASE_CCL.1.9C",
         ERROR,
         "every objective of a profile is taken, or one for the environment "
         "became the product's",
         "take it below objectives, or reassign it"},
    [DG_RULE_CCL_8_SFR] =
        {"CCL-8r",
         "ASE_CCL.1.10C",
         ERROR,
         "every SFR of a profile that applies is there, or one above it",
         "add it below sfrs"},
    [DG_RULE_CCL_8_SAR] =
        {"CCL-8a",
         "ASE_CCL.1.10C",
         ERROR,
         "every SAR of a profile and of the package is there, or one above it",
         "add it to sars"},
    [DG_RULE_CCL_8_EXACT] = {"CCL-8x",
                             "CC Part 1, exact conformance",
                             ERROR,
                             "with exact conformance nothing is added",
                             "take it out, or claim strict conformance where "
                             "the profile allows it"},
    [DG_RULE_CCL_8_WHEN] =
        {"CCL-8w",
         "lint L1",
         ERROR,
         "an SFR that waits for a choice or a function is there only with it",
         "take it out, or make the choice or claim the function"},
    [DG_RULE_CCL_8_COMPLETED] =
        {"CCL-8c",
         "ASE_CCL.1.10C",
         ERROR,
         "what a profile completed stays as it is",
         "leave it out below complete; what is narrower is an SFR of your own"},
    [DG_RULE_CCL_10] = {"CCL-10",
                        "ASE_CCL.1.7C",
                        ERROR,
                        "every claim has a rationale",
                        "write why below the claim"},
    [DG_RULE_SPD_1] =
        {"SPD-1",
         "ASE_SPD.1.2C",
         ERROR,
         "a threat has an agent and assets, of the glossary, and an action",
         "write what is missing; define agent and assets below glossary"},
    [DG_RULE_SPD_2] = {"SPD-2",
                       "ours",
                       ERROR,
                       "ids are T., P., A., O. or OE. and capitals",
                       "write the id as T.NETWORK_ATTACK is written"},
    [DG_RULE_SPD_3] =
        {"SPD-3",
         "ASE_SPD.1.4C",
         ERROR,
         "an assumption speaks of the environment and of no part of the "
         "product",
         "make it an objective of the product, or leave the part out"},
    [DG_RULE_SPD_4] = {"SPD-4",
                       "ours",
                       WARNING,
                       "there is a threat or a policy",
                       "say against what the product is secure"},
    [DG_RULE_SPD_5] =
        {"SPD-5",
         "ours",
         ERROR,
         "a threat of one's own says which of T1 to T7 it is, or additional",
         "write editorial: T1 to T7, or additional"},
    [DG_RULE_OBJ_1] =
        {"OBJ-1",
         "ASE_OBJ.2.2C",
         ERROR,
         "every objective answers a threat, a policy or (of the environment) "
         "an assumption",
         "trace it below traces, or take it out"},
    [DG_RULE_OBJ_2] = {"OBJ-2",
                       "ASE_OBJ.2.4C",
                       ERROR,
                       "every threat, policy and assumption is answered",
                       "trace it to an objective below traces"},
    [DG_RULE_OBJ_3] = {"OBJ-3",
                       "ASE_OBJ.2.6C",
                       ERROR,
                       "assumptions are upheld by the environment alone",
                       "trace the assumption to an OE"},
    [DG_RULE_OBJ_4] = {"OBJ-4",
                       "ASE_OBJ.2.4C",
                       ERROR,
                       "every trace from a problem says why",
                       "write the reason behind the trace"},
    [DG_RULE_ECD_1] =
        {"ECD-1",
         "ASE_ECD.1.2C",
         ERROR,
         "a component that is not in the criteria is defined, and every "
         "definition is used",
         "define its family below extended, or take the definition out"},
    [DG_RULE_ECD_2] =
        {"ECD-2",
         "ASE_ECD.1.4C",
         ERROR,
         "a definition says behaviour, levelling, dependencies, management "
         "and audit",
         "write what is missing"},
    [DG_RULE_ECD_3] =
        {"ECD-3",
         "lint L5",
         WARNING,
         "no extended component stands where the criteria have one",
         "use the component of Part 2, or say below extended why it does not "
         "do"},
    [DG_RULE_REQ_1] =
        {"REQ-1",
         "ASE_REQ.2.1C",
         ERROR,
         "SFRs and SARs are there, and each is known",
         "use the id of a profile, of own, or of the edition's criteria"},
    [DG_RULE_REQ_3_OPEN] = {"REQ-3o",
                            "ASE_REQ.2.4C",
                            ERROR,
                            "no assignment or selection is left open",
                            "complete it below complete"},
    [DG_RULE_REQ_3_UNKNOWN] =
        {"REQ-3u",
         "ASE_REQ.2.3C",
         ERROR,
         "operations are done only where the element has them",
         "use the element and the name that the profile uses"},
    [DG_RULE_REQ_3_VALUE] =
        {"REQ-3v",
         "ASE_REQ.2.4C",
         ERROR,
         "an assignment is a value of the form and range that is asked for",
         "write a value that fits"},
    [DG_RULE_REQ_3_CHOICE] =
        {"REQ-3c",
         "ASE_REQ.2.4C",
         ERROR,
         "a selection chooses what is offered: one where it says one, an "
         "exclusive choice alone",
         "choose from the ids that the profile offers"},
    [DG_RULE_REQ_3_OFFERED] =
        {"REQ-3n",
         "ASE_REQ.2.3C",
         ERROR,
         "a component of the criteria has its elements, and no more operations "
         "than the criteria offer",
         "write its elements as Part 2 has them; what is more is an extended "
         "component"},
    [DG_RULE_REQ_3_BRACKET] =
        {"REQ-3b",
         "lint L4",
         ERROR,
         "completed text has no bracket that reads as an open operation",
         "write the value without [ and ]"},
    [DG_RULE_REQ_3_ITERATION] =
        {"REQ-3i",
         "ASE_REQ.2.3C",
         ERROR,
         "iterations have different suffixes and different completions",
         "give one of them another completion, or take it out"},
    [DG_RULE_REQ_4] =
        {"REQ-4",
         "ASE_REQ.2.5C",
         ERROR,
         "what an SFR depends on is there, or one above it, or it is said why "
         "not",
         "add the component, or justify it below waived"},
    [DG_RULE_REQ_4_BY] =
        {"REQ-4i",
         "ASE_REQ.2.5C",
         ERROR,
         "where iterations could meet a dependency, it is said which does",
         "name the iteration below by"},
    [DG_RULE_REQ_4_WAIVER] =
        {"REQ-4w",
         "ASE_REQ.2.5C",
         ERROR,
         "a justification names the OE or the SFR that does it instead, and "
         "says why",
         "write by and why, with ids of this target"},
    [DG_RULE_REQ_4_NEEDLESS] =
        {"REQ-4x",
         "ASE_REQ.2.5C",
         WARNING,
         "only dependencies that are not met are justified",
         "take the justification out"},
    [DG_RULE_REQ_4_SAR] = {"REQ-4a",
                           "ASE_REQ.2.5C",
                           ERROR,
                           "what a SAR depends on is there, or one above it",
                           "add the component to sars"},
    [DG_RULE_REQ_5] =
        {"REQ-5",
         "ASE_REQ.2.6C",
         ERROR,
         "every SFR serves an objective, and every objective of the product "
         "has an SFR",
         "trace the objective to the SFR below traces"},
    [DG_RULE_REQ_6] = {"REQ-6",
                       "ASE_REQ.2.7C",
                       ERROR,
                       "every trace to an SFR says why",
                       "write the reason behind the trace"},
    [DG_RULE_REQ_7] = {"REQ-7",
                       "ASE_REQ.2.8C",
                       ERROR,
                       "it is said why these SARs",
                       "write sars_why"},
    [DG_RULE_LOW_1] =
        {"LOW-1",
         "CC Part 1, low assurance",
         ERROR,
         "a target without a security problem claims EAL1 and nothing above",
         "write the problem and objectives, or claim EAL1"},
    [DG_RULE_TSS_1] = {"TSS-1",
                       "ASE_TSS.1.1C",
                       ERROR,
                       "the summary says of every SFR how the product meets it",
                       "write summary"},
    [DG_RULE_TSS_3] = {"TSS-3",
                       "ASE_TSS.1.2E",
                       ERROR,
                       "the parts that the summary names are in the scope",
                       "name a part as scope does"},
    [DG_RULE_TSS_4] =
        {"TSS-4",
         "ASE_TSS.2.2C",
         ERROR,
         "with ASE_TSS.2 the summary says how the product protects itself and "
         "is not bypassed",
         "write self_protection and bypass"},
    [DG_RULE_L6] =
        {"L6",
         "lint L6",
         ERROR,
         "every cryptographic SFR names its standard in the SFR itself",
         "complete it with the standard's number (FIPS, SP, RFC, ISO, ...)"},
    [DG_RULE_L8] = {"L8",
                    "lint L8",
                    ERROR,
                    "ids stand once and name something",
                    "use an id that is there, once"},
    [DG_RULE_L9] =
        {"L9",
         "lint L9",
         ERROR,
         "every SFR has a test of the catalogue or something that a person "
         "does",
         "name them below tests or manual"},
    [DG_RULE_FEA_1] =
        {"FEA-1",
         "ours",
         ERROR,
         "features are words of spec/features.yaml, functions those of the "
         "profile, each once",
         "use a word that is there"},
    [DG_RULE_FEA_2] =
        {"FEA-2",
         "ours",
         ERROR,
         "every feature that the profile asks of everyone is claimed",
         "claim it below features"},
    [DG_RULE_FEA_3] = {"FEA-3",
                       "ours",
                       ERROR,
                       "interfaces are named",
                       "name each interface of the product below interfaces"},
};

const struct dg_rule *dg_rule(enum dg_rule_id id)
{
    return ((id <= DG_RULE_NONE) || (id >= DG_RULES)) ? NULL : &rules[id];
}

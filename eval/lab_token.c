/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/lab_token.h"

#include <string.h>

#include "token_pkcs11.h"

/* Where a private key of 32 bytes is expected stands this reference. */
static const struct dg_secret reference = {"dosegate: the lab key's token"};

static enum dg_status (*lower_sign)(void *context,
                                    const struct dg_secret *private_key,
                                    const struct dg_hash *hash,
                                    struct dg_signature *signature);
static CK_OBJECT_HANDLE token_key;

static enum dg_status sign(void *context,
                           const struct dg_secret *private_key,
                           const struct dg_hash *hash,
                           struct dg_signature *signature)
{
    if (memcmp(private_key, &reference, sizeof(reference)) == 0) {
        return dg_pkcs11_sign(token_key, hash, signature);
    }
    return lower_sign(context, private_key, hash, signature);
}

/* A token whose halves do not fit would sign what nobody can verify. */
static bool fits(const struct dg_crypto *crypto, const struct dg_lab_key *key)
{
    static const struct dg_hash hash = {"dosegate: do the two halves fit"};
    struct dg_signature signature;

    return (dg_pkcs11_sign(token_key, &hash, &signature) == DG_OK) &&
           (crypto->es256_verify(
                crypto->context, &key->public_key, &hash, &signature) == DG_OK);
}

enum dg_status dg_lab_token_open(struct dg_crypto *crypto,
                                 const char *uri,
                                 const char *pin_file,
                                 struct dg_lab_key *key,
                                 struct dg_problem *problem)
{
    char why[DG_PKCS11_WHY_MAX] = "";

    *key = (struct dg_lab_key){.private_key = reference};
    if ((dg_pkcs11_open(uri, pin_file, true, why) != DG_OK) ||
        (dg_pkcs11_named_key(&token_key, &key->public_key, why) != DG_OK)) {
        dg_problem_set(problem, "%s", why);
        return DG_E_PORT;
    }
    if (!fits(crypto, key)) {
        dg_problem_set(problem,
                       "the PKCS#11 token: it does not sign with that key, or "
                       "its public half is of another key");
        return DG_E_PORT;
    }
    lower_sign = crypto->es256_sign;
    crypto->es256_sign = sign;
    return dg_lab_key_id(crypto, &key->public_key, key->id);
}

void dg_lab_token_close(void)
{
    dg_pkcs11_close();
}

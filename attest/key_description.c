/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/key_description.h"

#include "attest/der.h"

enum form {
    FORM_NUMBER = 0,
    FORM_SET,   /* of numbers                 */
    FORM_FLAG,  /* NULL: there or not         */
    FORM_BYTES, /* OCTET STRING               */
    FORM_ROOT,  /* RootOfTrust                */
};

/* Every tag of KeyMint 5 and what came before it.  A new release of Android
 * that adds one needs a row here and nothing else. */
static const struct row {
    uint32_t tag;
    enum form form;
    enum dg_authorization field;
} rows[] = {
    {1U, FORM_SET, DG_AUTH_PURPOSE},
    {2U, FORM_NUMBER, DG_AUTH_UNUSED},   /* algorithm */
    {3U, FORM_NUMBER, DG_AUTH_UNUSED},   /* keySize */
    {4U, FORM_SET, DG_AUTH_UNUSED},      /* blockMode */
    {5U, FORM_SET, DG_AUTH_UNUSED},      /* digest */
    {6U, FORM_SET, DG_AUTH_UNUSED},      /* padding */
    {7U, FORM_FLAG, DG_AUTH_UNUSED},     /* callerNonce */
    {8U, FORM_NUMBER, DG_AUTH_UNUSED},   /* minMacLength */
    {10U, FORM_NUMBER, DG_AUTH_UNUSED},  /* ecCurve */
    {11U, FORM_NUMBER, DG_AUTH_UNUSED},  /* mlDsaVariant */
    {200U, FORM_NUMBER, DG_AUTH_UNUSED}, /* rsaPublicExponent */
    {203U, FORM_SET, DG_AUTH_UNUSED},    /* rsaOaepMgfDigest */
    {303U, FORM_FLAG, DG_AUTH_UNUSED},   /* rollbackResistance */
    {305U, FORM_FLAG, DG_AUTH_UNUSED},   /* earlyBootOnly */
    {400U, FORM_NUMBER, DG_AUTH_UNUSED}, /* activeDateTime */
    {401U, FORM_NUMBER, DG_AUTH_UNUSED}, /* originationExpireDateTime */
    {402U, FORM_NUMBER, DG_AUTH_UNUSED}, /* usageExpireDateTime */
    {405U, FORM_NUMBER, DG_AUTH_UNUSED}, /* usageCountLimit */
    {502U, FORM_NUMBER, DG_AUTH_UNUSED}, /* userSecureId */
    {503U, FORM_FLAG, DG_AUTH_NO_AUTH_REQUIRED},
    {504U, FORM_NUMBER, DG_AUTH_USER_AUTH_TYPE},
    {505U, FORM_NUMBER, DG_AUTH_TIMEOUT_S},
    {506U, FORM_FLAG, DG_AUTH_UNUSED}, /* allowWhileOnBody */
    {507U, FORM_FLAG, DG_AUTH_PRESENCE_REQUIRED},
    {508U, FORM_FLAG, DG_AUTH_CONFIRMATION_REQUIRED},
    {509U, FORM_FLAG, DG_AUTH_UNUSED},   /* unlockedDeviceRequired */
    {600U, FORM_FLAG, DG_AUTH_UNUSED},   /* allApplications */
    {701U, FORM_NUMBER, DG_AUTH_UNUSED}, /* creationDateTime */
    {702U, FORM_NUMBER, DG_AUTH_ORIGIN},
    {703U, FORM_FLAG, DG_AUTH_UNUSED}, /* rollbackResistant */
    {704U, FORM_ROOT, DG_AUTH_ROOT_OF_TRUST},
    {705U, FORM_NUMBER, DG_AUTH_OS_VERSION},
    {706U, FORM_NUMBER, DG_AUTH_OS_PATCH},
    {709U, FORM_BYTES, DG_AUTH_APP},
    /* 710 to 717 and 723 name the phone and its owner: not kept. */
    {710U, FORM_BYTES, DG_AUTH_UNUSED},
    {711U, FORM_BYTES, DG_AUTH_UNUSED},
    {712U, FORM_BYTES, DG_AUTH_UNUSED},
    {713U, FORM_BYTES, DG_AUTH_UNUSED},
    {714U, FORM_BYTES, DG_AUTH_UNUSED},
    {715U, FORM_BYTES, DG_AUTH_UNUSED},
    {716U, FORM_BYTES, DG_AUTH_UNUSED},
    {717U, FORM_BYTES, DG_AUTH_UNUSED},
    {718U, FORM_NUMBER, DG_AUTH_VENDOR_PATCH},
    {719U, FORM_NUMBER, DG_AUTH_BOOT_PATCH},
    {720U, FORM_FLAG, DG_AUTH_UNUSED}, /* deviceUniqueAttestation */
    {723U, FORM_BYTES, DG_AUTH_UNUSED},
    {724U, FORM_BYTES, DG_AUTH_UNUSED}, /* moduleHash */
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(ROWS <= 64U, "one bit for each row");

static size_t row_of(uint32_t id)
{
    size_t row = 0U;

    while ((row < ROWS) && (id != DG_DER_EXPLICIT(rows[row].tag))) {
        row++;
    }
    return row;
}

static uint64_t read_set(struct dg_der *der)
{
    struct dg_der set = dg_der_enter(der, DG_DER_SET);
    uint64_t bits = 0U;

    while (!set.is_bad && (set.rest.size != 0U)) {
        const uint64_t member = dg_der_number(&set, DG_DER_INTEGER);

        bits |= (member < 64U) ? (UINT64_C(1) << member) : 0U;
    }
    der->is_bad = der->is_bad || set.is_bad;
    return bits;
}

static void read_root(struct dg_der *der, struct dg_authorization_list *list)
{
    struct dg_der root = dg_der_enter(der, DG_DER_SEQUENCE);

    list->boot_key = dg_der_take(&root, DG_DER_OCTETS);
    const dg_span locked = dg_der_take(&root, DG_DER_BOOLEAN);

    /* Phones write 01 for true, where DER wants ff. */
    list->is_locked = (locked.size == 1U) && (locked.at[0] != 0U);
    list->boot_state = dg_der_number(&root, DG_DER_ENUMERATED);
    if (dg_der_peek(&root) == DG_DER_OCTETS) {
        (void)dg_der_take(&root, DG_DER_OCTETS); /* verifiedBootHash */
    }
    der->is_bad = der->is_bad || (locked.size != 1U) ||
                  (list->boot_state > 3U) || !dg_der_is_done(&root);
}

static void read_field(dg_span contents,
                       const struct row *row,
                       struct dg_key_description *description,
                       struct dg_authorization_list *list)
{
    struct dg_der der = dg_der_over(contents);

    switch (row->form) {
    case FORM_NUMBER:
        list->number[row->field] = dg_der_number(&der, DG_DER_INTEGER);
        break;
    case FORM_SET:
        list->number[row->field] = read_set(&der);
        break;
    case FORM_FLAG:
        der.is_bad = dg_der_take(&der, DG_DER_NULL).size != 0U || der.is_bad;
        break;
    case FORM_BYTES: {
        const dg_span bytes = dg_der_take(&der, DG_DER_OCTETS);

        if (row->field == DG_AUTH_APP) {
            list->app = bytes;
        }
        break;
    }
    case FORM_ROOT:
    default:
        read_root(&der, list);
        break;
    }
    if (dg_der_is_done(&der)) {
        list->is_stated[row->field] = true;
    } else {
        description->oddity =
            "an authorization is malformed: it counts as not stated";
    }
}

static enum dg_description_fault read_list(
    struct dg_der *der,
    struct dg_key_description *description,
    struct dg_authorization_list *list,
    uint32_t *tag)
{
    struct dg_der inner = dg_der_enter(der, DG_DER_SEQUENCE);
    uint64_t seen = 0U;
    uint32_t last = 0U;

    while (!inner.is_bad && (inner.rest.size != 0U)) {
        uint32_t id = 0U;
        const dg_span contents = dg_der_any(&inner, &id);
        const size_t row = row_of(id);

        if (inner.is_bad) {
            break;
        }
        *tag = id & 0xffffU;
        if (row == ROWS) {
            return DG_DESCRIPTION_UNKNOWN;
        }
        if (((seen >> row) & 1U) != 0U) {
            return DG_DESCRIPTION_DUPLICATE;
        }
        seen |= UINT64_C(1) << row;
        if (id < last) {
            description->oddity = "authorizations are out of order";
        }
        last = id;
        read_field(contents, &rows[row], description, list);
    }
    return inner.is_bad ? DG_DESCRIPTION_MALFORMED : DG_DESCRIPTION_OK;
}

enum dg_description_fault dg_key_description_read(
    dg_span extension, struct dg_key_description *description, uint32_t *tag)
{
    struct dg_der outer = dg_der_over(extension);
    struct dg_der der = dg_der_enter(&outer, DG_DER_SEQUENCE);

    *description = (struct dg_key_description){.oddity = NULL};
    *tag = 0U;
    description->version = dg_der_number(&der, DG_DER_INTEGER);
    description->attestation_level = dg_der_number(&der, DG_DER_ENUMERATED);
    description->keymint_version = dg_der_number(&der, DG_DER_INTEGER);
    description->keymint_level = dg_der_number(&der, DG_DER_ENUMERATED);
    description->challenge = dg_der_take(&der, DG_DER_OCTETS);
    (void)dg_der_take(&der, DG_DER_OCTETS); /* uniqueId: never asked for */
    if (der.is_bad || !dg_der_is_done(&outer) ||
        (description->attestation_level > 2U) ||
        (description->keymint_level > 2U)) {
        return DG_DESCRIPTION_MALFORMED;
    }
    enum dg_description_fault fault =
        read_list(&der, description, &description->software, tag);

    if (fault == DG_DESCRIPTION_OK) {
        fault = read_list(&der, description, &description->hardware, tag);
    }
    if ((fault == DG_DESCRIPTION_OK) && !dg_der_is_done(&der)) {
        fault = DG_DESCRIPTION_MALFORMED;
    }
    return fault;
}

bool dg_application_id_read(dg_span contents, struct dg_application_id *app)
{
    struct dg_der outer = dg_der_over(contents);
    struct dg_der der = dg_der_enter(&outer, DG_DER_SEQUENCE);
    struct dg_der packages = dg_der_enter(&der, DG_DER_SET);
    struct dg_der signers = dg_der_enter(&der, DG_DER_SET);

    *app = (struct dg_application_id){.packages = 0U};
    while (!packages.is_bad && (packages.rest.size != 0U)) {
        struct dg_der package = dg_der_enter(&packages, DG_DER_SEQUENCE);
        const dg_span name = dg_der_take(&package, DG_DER_OCTETS);
        const uint64_t version = dg_der_number(&package, DG_DER_INTEGER);

        if (!dg_der_is_done(&package) ||
            (app->packages == DG_APP_PACKAGES_MAX)) {
            return false;
        }
        if (app->packages == 0U) {
            app->name = name;
            app->version = version;
        }
        app->packages++;
    }
    while (!signers.is_bad && (signers.rest.size != 0U)) {
        const dg_span digest = dg_der_take(&signers, DG_DER_OCTETS);

        if ((app->signers == 4U) || (digest.size != 32U)) {
            return false;
        }
        app->signer[app->signers] = digest;
        app->signers++;
    }
    return !packages.is_bad && !signers.is_bad && dg_der_is_done(&der) &&
           dg_der_is_done(&outer) && (app->packages != 0U);
}

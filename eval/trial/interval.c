/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/interval.h"

#include <math.h>

#define TAIL       0.025 /* each side of a 95 % interval */
#define TERMS      500U
#define PRECISION  1e-14
#define BISECTIONS 200U

/* The continued fraction of the incomplete beta function by Lentz's method.
 * source: Abramowitz, Stegun, 26.5.8. */
static double fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double ratio = 1.0;
    double inverse = 1.0 - (((a + b) * x) / (a + 1.0));

    inverse = 1.0 / ((fabs(inverse) < tiny) ? tiny : inverse);

    double result = inverse;

    for (unsigned term = 1U; term <= TERMS; term++) {
        const double m = (double)term;
        const double even =
            (m * (b - m) * x) / ((a + (2.0 * m) - 1.0) * (a + (2.0 * m)));
        const double odd = (-(a + m) * (a + b + m) * x) /
                           ((a + (2.0 * m)) * (a + (2.0 * m) + 1.0));

        inverse = 1.0 + (even * inverse);
        ratio = 1.0 + (even / ratio);
        inverse = 1.0 / ((fabs(inverse) < tiny) ? tiny : inverse);
        ratio = (fabs(ratio) < tiny) ? tiny : ratio;
        result *= inverse * ratio;
        inverse = 1.0 + (odd * inverse);
        ratio = 1.0 + (odd / ratio);
        inverse = 1.0 / ((fabs(inverse) < tiny) ? tiny : inverse);
        ratio = (fabs(ratio) < tiny) ? tiny : ratio;
        result *= inverse * ratio;
        if (fabs((inverse * ratio) - 1.0) < PRECISION) {
            break;
        }
    }
    return result;
}

double dg_beta_share(double a, double b, double x)
{
    if (x <= 0.0) {
        return 0.0;
    }
    if (x >= 1.0) {
        return 1.0;
    }

    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) +
                             (a * log(x)) + (b * log1p(-x)));

    /* The fraction converges quickly on this side; the other by symmetry. */
    if (x < ((a + 1.0) / (a + b + 2.0))) {
        return (front * fraction(a, b, x)) / a;
    }
    return 1.0 - ((front * fraction(b, a, 1.0 - x)) / b);
}

/* The x where I_x(a, b) reaches @share. */
static double beta_quantile(double a, double b, double share)
{
    double low = 0.0;
    double high = 1.0;

    for (unsigned i = 0U; i < BISECTIONS; i++) {
        const double middle = low + ((high - low) / 2.0);

        if (dg_beta_share(a, b, middle) < share) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + ((high - low) / 2.0);
}

struct dg_estimate dg_interval_share(uint64_t hits, uint64_t people)
{
    if (people == 0U) {
        return (struct dg_estimate){NAN, NAN, NAN};
    }

    const double found = (double)hits;
    const double n = (double)people;

    return (struct dg_estimate){
        .value = found / n,
        .low = (hits == 0U) ? 0.0 : beta_quantile(found, n - found + 1.0, TAIL),
        .high = (hits == people)
                    ? 1.0
                    : beta_quantile(found + 1.0, n - found, 1.0 - TAIL),
    };
}

double dg_student_quantile(double freedom)
{
    /* P(|T| > t) = I_x(freedom/2, 1/2) at x = freedom / (freedom + t^2). */
    const double x = beta_quantile(freedom / 2.0, 0.5, 2.0 * TAIL);

    return sqrt((freedom * (1.0 - x)) / x);
}

struct dg_estimate dg_interval_mean(uint64_t people,
                                    double mean,
                                    double deviation)
{
    if (people == 0U) {
        return (struct dg_estimate){NAN, NAN, NAN};
    }
    if (people == 1U) {
        return (struct dg_estimate){mean, NAN, NAN};
    }

    const double n = (double)people;
    const double reach = dg_student_quantile(n - 1.0) * (deviation / sqrt(n));

    return (struct dg_estimate){mean, mean - reach, mean + reach};
}

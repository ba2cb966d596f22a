/*
 * reference - the short reference of a referral, for the telephone.
 *
 * The number is spread over its range by a multiplication, written in base
 * 17, and followed by a check character.  17 is a prime: with weights 1, 2, 3 … from
 * the right, a weighted sum that must be 0 modulo 17 changes with each single
 * character, and with each swap of two different neighbours.
 *
 * Letters left out: I L O Z S B G are misread as digits; B C D E G P T V, H K Q,
 * M N, F S and U Y are misheard for each other, and one of a group at most is kept.
 */
#include "reference.h"

#include <assert.h>
#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char alphabet[] = "0123456789AFKMRWX";

enum { BASE = 17, GROUP = 4, MAX_CHARACTERS = 12 };

__extension__ typedef unsigned __int128 wide_t;

// A length of reference: how many numbers it has, and the multiplier that
// spreads them, with its inverse modulo that many.
typedef struct {
    int characters; // with the check
    uint64_t range; // 17 to the (characters - 1)
    uint64_t spread;
    uint64_t unspread;
} size_kind_t;

static const size_kind_t size_kinds[] = {
    {8, UINT64_C (410338673), UINT64_C (253603249), UINT64_C (405712044)},
    {12, UINT64_C (34271896307633), UINT64_C (21181196769127), UINT64_C (1417888958663)},
};

enum { N_SIZE_KINDS = sizeof size_kinds / sizeof size_kinds[0] };

static uint64_t
times (uint64_t a, uint64_t b, uint64_t modulus)
{
    return (uint64_t) ((wide_t) a * b % modulus);
}

// Sum of digit by weight, the rightmost character's weight being 1.
static int
weighted_sum (const int *digits, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += digits[i] * (n - i);
    return sum % BASE;
}

void
reference_write (int64_t no, char text[REFERENCE_TEXT_BYTES])
{
    const size_kind_t *kind = size_kinds;
    while (kind < size_kinds + N_SIZE_KINDS - 1 && (uint64_t) no >= kind->range)
        kind++;
    assert (no >= 0 && (uint64_t) no < kind->range);
    uint64_t rest = times ((uint64_t) no, kind->spread, kind->range);
    int digits[MAX_CHARACTERS] = {0};
    for (int i = kind->characters - 2; i >= 0; i--, rest /= BASE)
        digits[i] = (int) (rest % BASE);
    digits[kind->characters - 1] = (BASE - weighted_sum (digits, kind->characters)) % BASE;
    char *to = text;
    for (int i = 0; i < kind->characters; i++) {
        if (i && i % GROUP == 0)
            *to++ = '-';
        *to++ = alphabet[digits[i]];
    }
    *to = '\0';
}

// The digit that a person's character stands for; -1: none.
static int
digit_of (char c)
{
    int upper = toupper ((unsigned char) c);
    if (upper == 'O')
        return 0;
    if (upper == 'I' || upper == 'L')
        return 1;
    const char *found = upper ? strchr (alphabet, upper) : NULL;
    return found ? (int) (found - alphabet) : -1;
}

// How many characters were read; -1 if one is not a reference's or they are too many.
static int
digits_read (const char *text, int digits[MAX_CHARACTERS])
{
    int n = 0;
    for (; *text; text++) {
        if (strchr ("-. ", *text))
            continue;
        int digit = digit_of (*text);
        if (digit < 0 || n == MAX_CHARACTERS)
            return -1;
        digits[n++] = digit;
    }
    return n;
}

bool
reference_read (const char *text, int64_t *no_p)
{
    int digits[MAX_CHARACTERS];
    int n = digits_read (text, digits);
    for (size_t k = 0; k < N_SIZE_KINDS; k++) {
        const size_kind_t *kind = &size_kinds[k];
        if (n != kind->characters || weighted_sum (digits, n) != 0)
            continue;
        uint64_t spread = 0;
        for (int i = 0; i < n - 1; i++)
            spread = spread * BASE + (uint64_t) digits[i];
        uint64_t no = times (spread, kind->unspread, kind->range);
        if (k > 0 && no < size_kinds[k - 1].range)
            return false; // it has a shorter reference
        *no_p = (int64_t) no;
        return true;
    }
    return false;
}

/*
 * t_arena - pieces that live until the next batch.
 */
#include "arena.h"
#include "tap.h"

#include <stdint.h>
#include <string.h>

static bool
is_zero (const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void
pieces_are_zeroed_aligned_and_apart (void)
{
    static const size_t sizes[] = {1, 7, 16, 1000, 70000, 3000000, 0, 5};
    arena_t *arena = arena_new ();
    uint8_t *pieces[8];
    bool zeroed = true, aligned = true, apart = true;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 8; i++) {
            pieces[i] = arena_alloc (arena, sizes[i]);
            zeroed = zeroed && is_zero (pieces[i], sizes[i]);
            aligned = aligned && (uintptr_t) pieces[i] % _Alignof(max_align_t) == 0;
            memset (pieces[i], (int) i + 1, sizes[i]);
        }
        for (size_t i = 0; i < 8; i++)
            for (size_t b = 0; b < sizes[i]; b++)
                apart = apart && pieces[i][b] == i + 1;
        arena_reset (arena);
    }
    ok (zeroed, "each piece is zeroed, after a reset too");
    ok (aligned, "and aligned for any type");
    ok (apart, "and nobody else's");
    arena_destroy (&arena);
    ok (!arena, "a destroyed arena is NULL");
}

static void
a_copy_is_its_own (void)
{
    arena_t *arena = arena_new ();
    char text[] = "words";
    const char *copy = arena_copy (arena, text, sizeof text);
    text[0] = 'W';
    is_text (copy, "words", "a copy does not follow its original");
    arena_destroy (&arena);
}

int
main (void)
{
    pieces_are_zeroed_aligned_and_apart ();
    a_copy_is_its_own ();
    return tap_end ();
}

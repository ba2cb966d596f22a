/*
 * t_map - what a batch remembers, by keys of bytes.
 */
#include "map.h"
#include "tap.h"

#include <stdint.h>
#include <stdio.h>

enum { KEYS = 20000 };

static void
finds_each_of_many (void)
{
    map_t *map = map_new ();
    static char values[KEYS];
    for (uint32_t i = 0; i < KEYS; i++)
        map_put (map, &i, sizeof i, &values[i]);
    bool all = true;
    for (uint32_t i = 0; i < KEYS; i++)
        all = all && map_find (map, &i, sizeof i) == &values[i];
    ok (all, "each of 20,000 keys is found");
    uint32_t absent = KEYS;
    ok (!map_find (map, &absent, sizeof absent), "another is not");
    map_reset (map);
    uint32_t first = 0;
    ok (!map_find (map, &first, sizeof first), "after a reset nothing is");
    map_destroy (&map);
}

static void
keys_are_bytes_and_their_length (void)
{
    map_t *map = map_new ();
    int a, b, c;
    map_put (map, "key", 3, &a);
    map_put (map, "key\0", 4, &b);
    ok (map_find (map, "key", 3) == &a && map_find (map, "key\0", 4) == &b,
        "a longer key is another one");
    map_put (map, "key", 3, &c);
    ok (map_find (map, "key", 3) == &c, "putting again replaces");
    ok (!map_find (map, "ke", 2) && !map_find (map, "", 0), "a shorter one is not there");
    map_destroy (&map);
}

int
main (void)
{
    finds_each_of_many ();
    keys_are_bytes_and_their_length ();
    return tap_end ();
}

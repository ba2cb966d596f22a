#!/usr/bin/python3
"""vectors.txt, made by the C code, is what the Python client of these tests makes and opens."""
import pathlib
import sys

sys.path.insert (0, str (pathlib.Path (__file__).resolve ().parents[1] / "lib"))
from network import kaskclient            # noqa: E402
import tap                                # noqa: E402
import content_pb2 as content             # noqa: E402
import kask_pb2 as pb                     # noqa: E402
import nacl.exceptions                    # noqa: E402
import nacl.public                        # noqa: E402
import nacl.signing                       # noqa: E402

FILE = pathlib.Path (__file__).resolve ().parents[2] / "proto" / "vectors.txt"
lp, sha256 = kaskclient.lp, kaskclient.sha256


def vectors ():
    found = {}
    for line in FILE.read_text (encoding="utf-8").splitlines ():
        if line and not line.startswith (("#", "refused_")):
            name, value = line.split (" ", 1)
            found[name] = value[1:-1] if value.startswith ('"') else bytes.fromhex (value)
    return found


v = vectors ()


def identity (role):
    """The client's own identity, with the vectors' keys in it."""
    party = kaskclient.Identity (v[role])
    party.signing = nacl.signing.SigningKey (v[role + "_identity_seed"])
    party.sealing = nacl.public.PrivateKey (v[role + "_sealing_secret"])
    return party


def signed (what, data):
    tap.equal (data, v[what + "_input"], f"{what}: what is signed is the same bytes")
    tap.equal (identity ("sender").sign (data), v[what + "_signature"], f"{what}: and so is the signature")


def keys_come_from_their_seeds ():
    for role in ("sender", "recipient"):
        party = identity (role)
        tap.equal (bytes (party.signing.verify_key), v[role + "_identity_key"], f"{role}: identity key")
        tap.equal (bytes (party.sealing.public_key), v[role + "_sealing_key"], f"{role}: sealing key")
        curve = nacl.public.PrivateKey (v[role + "_curve_secret"])
        tap.equal (bytes (curve.public_key), v[role + "_curve_key"], f"{role}: CURVE key")
        tap.equal (kaskclient.fingerprint (v[role + "_identity_key"]), v[role + "_fingerprint"], f"{role}: fingerprint")


def a_statement_is_signed ():
    statement = pb.KeyStatement.FromString (v["statement"])
    tap.equal ((statement.partner, statement.number, statement.identity_key, statement.curve_key, statement.sealing_key),
               (v["sender"], 1, v["sender_identity_key"], v["sender_curve_key"], v["sender_sealing_key"]), "the statement names three keys")
    signed ("statement", lp ("kask/statement/1", v["statement"]))


def a_referral_is_signed_and_sealed ():
    header = pb.Header.FromString (v["header"])
    tap.equal ((header.sender, header.recipient, header.referral.event), (v["sender"], v["recipient"], pb.EVENT_SEND), "the header reads")
    tap.equal (sha256 (v["header"]), v["header_sha256"], "its hash")
    signed ("content", lp ("kask/content/1", header.sender, header.recipient, header.message_id,
                           header.referral.referral_id, sha256 (v["header"]), v["content"]))
    words = content.Signed (content=v["content"], signature=v["content_signature"]).SerializeToString ()
    tap.equal (words, v["signed"], "Signed is the same bytes")


def the_client_opens_the_sealed_body ():
    client = kaskclient.Client.__new__ (kaskclient.Client)
    client.partner, client.identity, client.pins, client.former = v["recipient"], identity ("recipient"), {v["sender"]: v["sender_identity_key"]}, {}
    facts = pb.Deliver (sender=v["sender"], sequence=1)
    words = client.open (kaskclient.Delivery (facts, v["header"], v["sealed"]))
    tap.equal (words.client.name, "Eksempel Værft ApS", "the sealed body opens, and is signed")
    bent = bytes ([v["sealed"][0] ^ 1]) + v["sealed"][1:]
    try:
        client.open (kaskclient.Delivery (facts, v["header"], bent))
        tap.ok (False, "a bent box does not open")
    except nacl.exceptions.CryptoError:
        tap.ok (True, "a bent box does not open")


def an_offering_is_signed ():
    header = pb.Header.FromString (v["offering_header"])
    offering = content.Offering.FromString (v["offering"])
    tap.equal (offering.key, header.offering.key, "the offering has the header's key")
    signed ("offering", lp ("kask/offering/1", header.sender, header.message_id, offering.key, sha256 (v["offering_header"]), v["offering"]))
    tap.equal (content.Signed.FromString (v["offering_signed"]).content, v["offering"], "and stands in its Signed")


def a_report_is_signed ():
    report = pb.DoneList.FromString (v["done"])
    tap.equal ((report.partner, report.items[0].sequence), (v["sender"], 7), "the report reads")
    signed ("done", lp ("kask/done/1", report.partner, v["done"]))


tap.run (keys_come_from_their_seeds, a_statement_is_signed, a_referral_is_signed_and_sealed, the_client_opens_the_sealed_body,
         an_offering_is_signed, a_report_is_signed)

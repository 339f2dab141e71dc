"""Settlement files of the PSP sandbox."""

import csv
import io
import pathlib
import urllib.error

import pytest
import stripe


COLUMNS = (
    "balance_transaction_id,created,available_on,currency,gross,fee,net,reporting_category,source_id,"
    "payment_intent_id,charge_id,automatic_payout_id,description,payment_metadata[charge_id],"
    "refund_metadata[refund_id]"
)


def rows_of(text, charge_id):
    return [row for row in csv.DictReader(io.StringIO(text)) if row["payment_metadata[charge_id]"] == charge_id]


def test_the_settlement_file_lists_every_movement_in_major_units(sandbox):
    intent = sandbox.pay(amount=1999, metadata={"charge_id": "ch_settled"}, description='Books, "used"')
    sandbox.client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"refund_id": "re_settled"}}
    )
    sandbox.pay(amount=1999, currency="jpy", metadata={"charge_id": "ch_yen"})
    sandbox.pay(amount=1990, currency="kwd", metadata={"charge_id": "ch_dinar"})
    with pytest.raises(stripe.CardError):
        sandbox.pay(payment_method="pm_card_chargeDeclined", metadata={"charge_id": "ch_not_settled"})
    written = sandbox.control("POST", "settlement")
    path = pathlib.Path(written["path"])
    assert path == sandbox.settlements / f"stripe_{written['date']}.csv"
    text = path.read_text()
    assert text.splitlines()[0] == COLUMNS
    assert len(text.splitlines()) == written["rows"] + 1
    charge, refund = rows_of(text, "ch_settled")
    # 1.5 % of 19.99 is 29.985 cents, rounded to 30, plus 25.
    assert (charge["gross"], charge["fee"], charge["net"]) == ("19.99", "0.55", "19.44")
    assert (charge["reporting_category"], charge["source_id"]) == ("charge", intent.latest_charge)
    assert charge["description"] == 'Books, "used"'
    assert (refund["gross"], refund["fee"], refund["net"]) == ("-5.00", "0.00", "-5.00")
    assert (refund["charge_id"], refund["refund_metadata[refund_id]"]) == (intent.latest_charge, "re_settled")
    assert rows_of(text, "ch_yen")[0]["gross"] == "1999"
    assert rows_of(text, "ch_dinar")[0]["gross"] == "1.990"
    assert rows_of(text, "ch_not_settled") == []
    assert sandbox.control("GET", f"settlement/{written['date']}").decode() == text


def test_one_planted_discrepancy_changes_one_row_that_still_adds_up(sandbox):
    sandbox.pay(amount=5000, metadata={"charge_id": "ch_altered"})
    honest = sandbox.control("POST", "settlement")
    before = pathlib.Path(honest["path"]).read_text().splitlines()
    sandbox.control("POST", "settlement", altered_charge="ch_altered", altered_gross=4900)
    altered = pathlib.Path(honest["path"]).read_text()
    assert sum(old != new for old, new in zip(before, altered.splitlines(), strict=True)) == 1
    row = rows_of(altered, "ch_altered")[0]
    assert (row["gross"], row["fee"], row["net"]) == ("49.00", "1.00", "48.00")


@pytest.mark.parametrize("fields", [{"date": "2026-02-30"}, {"date": "tomorrow"}, {"altered_charge": "ch_unknown"}])
def test_an_impossible_settlement_file_is_refused(sandbox, fields):
    with pytest.raises(urllib.error.HTTPError) as refused:
        sandbox.control("POST", "settlement", **fields)
    assert refused.value.code == 400


def test_a_day_without_movements_is_a_header_alone(sandbox):
    assert sandbox.control("GET", "settlement/2020-02-29").decode() == COLUMNS + "\n"

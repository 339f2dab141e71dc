-- PaymentDB: what the API reads. Disposable: every row follows from the event store and can be rebuilt from it.
--
-- Every table is written by the Projectionist only, in one transaction per batch together with the positions, and every
-- row carries the version of its charge, so that an older state can never replace a newer one.
-- Amounts are integers in minor units of their currency (ISO 4217 exponents).

CREATE TABLE stream_positions (
    stream_id text PRIMARY KEY,
    last_version bigint NOT NULL CHECK (last_version >= 0)
);
COMMENT ON TABLE stream_positions IS 'The last event of each stream that the other tables contain.';

CREATE TABLE quarantined_records (
    stream_id text NOT NULL,
    version bigint NOT NULL,
    event_id text,
    reason text NOT NULL,
    detail text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream_id, version)
);
COMMENT ON TABLE quarantined_records IS
    'The event at which a charge is stuck; the charge goes on, and the row goes away, when that event can be applied.';

CREATE TABLE parked_records (
    event_source_arn text NOT NULL,
    sequence_number text NOT NULL,
    partition_key text NOT NULL,
    reason text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_source_arn, sequence_number)
);
COMMENT ON TABLE parked_records IS
    'Records of the stream that are no events of ours and were passed over. The stream itself keeps what is in them.';

CREATE TABLE charge_events (
    charge_id text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    event_id text NOT NULL UNIQUE,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    envelope json NOT NULL,
    PRIMARY KEY (charge_id, version)
);
COMMENT ON TABLE charge_events IS 'The timeline, and what the next event is folded onto.';

CREATE TABLE charges (
    charge_id text PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    merchant_id text NOT NULL,
    status text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    capture_mode text NOT NULL,
    payment_method text NOT NULL,
    description text,
    metadata json NOT NULL,
    customer_email text,
    provider text,
    provider_reference text,
    attempt integer NOT NULL CHECK (attempt >= 0),
    authorized_minor bigint NOT NULL,
    captured_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL CHECK (refunded_minor >= 0),
    refund_reserved_minor bigint NOT NULL CHECK (refund_reserved_minor >= 0),
    risk_decision text,
    risk_score integer,
    failure_reason text,
    failure_decline_code text,
    failure_message text,
    is_quarantined boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT money_is_ordered CHECK (
        refunded_minor + refund_reserved_minor <= captured_minor
        AND captured_minor <= authorized_minor AND authorized_minor <= amount_minor)
);
COMMENT ON COLUMN charges.updated_at IS 'When the last applied event occurred, not when it was applied.';
COMMENT ON COLUMN charges.payment_method IS 'The PSP''s token; never card data.';

CREATE TABLE refunds (
    refund_id text PRIMARY KEY,
    charge_id text NOT NULL REFERENCES charges ON DELETE CASCADE,
    version bigint NOT NULL CHECK (version > 0),
    ordinal integer NOT NULL CHECK (ordinal > 0),
    merchant_id text NOT NULL,
    status text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason text,
    provider_reference text,
    failure_reason text,
    failure_message text,
    created_at timestamptz NOT NULL,
    UNIQUE (charge_id, ordinal)
);
COMMENT ON COLUMN refunds.ordinal IS 'The charge''s first refund is 1.';

-- Lists are pages of one merchant's charges, newest first; the id makes the order total, so cursors are exact.
CREATE INDEX charges_by_time ON charges (merchant_id, created_at DESC, charge_id DESC);
CREATE INDEX charges_by_status ON charges (merchant_id, status, created_at DESC, charge_id DESC);
CREATE INDEX charges_by_amount ON charges (merchant_id, currency, amount_minor, created_at DESC);
CREATE INDEX charges_by_customer ON charges (merchant_id, lower(customer_email), created_at DESC)
    WHERE customer_email IS NOT NULL;
CREATE INDEX charges_by_provider ON charges (provider, provider_reference) WHERE provider_reference IS NOT NULL;
-- Charges that somebody has to look after when they get old.
CREATE INDEX charges_unresolved ON charges (updated_at)
    WHERE status IN ('CREATED', 'PROCESSING', 'UNKNOWN') OR is_quarantined;

-- LedgerDB: double entry, append only, balanced per currency.
--
-- The database refuses by itself what must never happen, whoever asks and through whatever program: the guards below
-- are triggers that fire for every role, also for the tables' owner, and even with replication triggers switched off.
-- Rights are a second fence: the Ledger function works as ledger_writer, which may only insert and read.
--
-- Signs: a debit is positive, a credit is negative, so every transaction and every currency sums to zero.
-- Amounts are integers in minor units of their currency (ISO 4217 exponents).

-- Roles belong to the cluster, so another database may have made them before, or be making them right now.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['ledger_writer', 'ledger_reader', 'ledger_reconciler'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    -- Whoever migrates may also assume the roles; a superuser may anyway.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT ledger_writer, ledger_reader, ledger_reconciler TO %I', current_user);
    END IF;
END
$$;

CREATE TABLE accounts (
    account text PRIMARY KEY CHECK (account ~ '^[a-z_]+(:.+)?$'),
    kind text GENERATED ALWAYS AS (split_part(account, ':', 1)) STORED
);
COMMENT ON TABLE accounts IS 'Chart of accounts, opened by the first posting: kind, or kind:owner.';

CREATE TABLE transactions (
    event_id text PRIMARY KEY,
    stream_id text NOT NULL,
    stream_version bigint NOT NULL CHECK (stream_version > 0),
    merchant_id text NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    refund_id text,
    provider text NOT NULL,
    provider_reference text,
    entry_count smallint NOT NULL CHECK (entry_count >= 2),
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (stream_id, stream_version)
);
COMMENT ON TABLE transactions IS 'One per business event that moves money.';
COMMENT ON COLUMN transactions.entry_count IS
    'How many entries the transaction has for ever; an entry added later is refused at commit.';
COMMENT ON COLUMN transactions.recorded_at IS 'When the ledger learned of it; not part of the books.';

CREATE TABLE entries (
    event_id text NOT NULL REFERENCES transactions,
    entry_number smallint NOT NULL CHECK (entry_number > 0),
    account text NOT NULL REFERENCES accounts,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, entry_number)
);
COMMENT ON COLUMN entries.amount_minor IS 'Minor units; debit positive, credit negative.';
COMMENT ON COLUMN entries.occurred_at IS 'The transaction''s, repeated for point-in-time balances out of one index.';

CREATE TABLE stream_positions (
    stream_id text PRIMARY KEY,
    last_version bigint NOT NULL CHECK (last_version >= 0)
);
COMMENT ON TABLE stream_positions IS 'The last event of each stream the ledger has seen, whether it posted or not.';

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
    'The event at which a stream is stuck; the stream goes on, and the row goes away, when that event can be posted.';

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

CREATE TABLE settled_items (
    event_id text PRIMARY KEY REFERENCES transactions,
    settlement_date date NOT NULL,
    balance_transaction_id text NOT NULL
);
COMMENT ON TABLE settled_items IS
    'Which settlement file accounted for a transaction. Not part of the books: a restated file replaces its own rows.';

-- Balance of an account, at any instant, out of the index alone.
CREATE INDEX entries_by_account ON entries (account, currency, occurred_at) INCLUDE (amount_minor);
-- Reconciliation: what a PSP has to account for.
CREATE INDEX transactions_to_settle ON transactions (provider, occurred_at, event_id)
    WHERE kind IN ('charge', 'refund');
CREATE INDEX settled_items_by_date ON settled_items (settlement_date);
CREATE INDEX transactions_by_provider_reference ON transactions (provider, provider_reference)
    WHERE provider_reference IS NOT NULL;

-- 1. Nothing that was booked ever changes.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger is append only, correct it by a new transaction', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Per statement: also a statement that would touch no row is refused.
CREATE TRIGGER accounts_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transactions_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 2. Nothing unbalanced or incomplete is ever committed.
-- Tables are named with their schema: a temporary table of the same name would otherwise be looked at instead.

CREATE FUNCTION require_balanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    expected smallint;
    found bigint;
    unbalanced text;
BEGIN
    SELECT entry_count INTO expected FROM public.transactions WHERE event_id = NEW.event_id;
    SELECT count(*) INTO found FROM public.entries WHERE event_id = NEW.event_id;
    IF found <> expected THEN
        RAISE EXCEPTION 'transaction % has % entries and declares %', NEW.event_id, found, expected
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_is_complete';
    END IF;
    SELECT string_agg(currency || ' ' || total, ', ' ORDER BY currency) INTO unbalanced
    FROM (
        SELECT currency, sum(amount_minor) AS total
        FROM public.entries WHERE event_id = NEW.event_id
        GROUP BY currency HAVING sum(amount_minor) <> 0
    ) AS differences;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'transaction % does not balance: %', NEW.event_id, unbalanced
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_is_balanced';
    END IF;
    RETURN NULL;
END
$$;

-- On transactions for one without entries, on entries for one that comes later than its transaction.
CREATE CONSTRAINT TRIGGER transaction_is_balanced AFTER INSERT ON transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balanced_transaction();
CREATE CONSTRAINT TRIGGER entry_keeps_balance AFTER INSERT ON entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balanced_transaction();

-- ALWAYS: session_replication_role = replica does not switch them off.
ALTER TABLE accounts ENABLE ALWAYS TRIGGER accounts_are_immutable;
ALTER TABLE transactions ENABLE ALWAYS TRIGGER transactions_are_immutable;
ALTER TABLE transactions ENABLE ALWAYS TRIGGER transaction_is_balanced;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_are_immutable;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entry_keeps_balance;

-- 3. What the books say.

-- One row per account and currency, and one per currency with account NULL, which must be zero.
CREATE VIEW trial_balance AS
SELECT
    account,
    currency,
    coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0), 0) AS debit_minor,
    coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0), 0) AS credit_minor,
    sum(amount_minor) AS balance_minor
FROM entries
GROUP BY GROUPING SETS ((account, currency), (currency));
COMMENT ON VIEW trial_balance IS 'Per account and currency; the row without an account is the currency''s total: zero.';

-- 4. Rights.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ledger_writer, ledger_reader, ledger_reconciler;
GRANT SELECT ON accounts, transactions, entries, stream_positions, quarantined_records, parked_records,
    settled_items, trial_balance TO ledger_writer, ledger_reader, ledger_reconciler;
GRANT INSERT ON accounts, transactions, entries, parked_records TO ledger_writer;
GRANT INSERT, UPDATE ON stream_positions TO ledger_writer;
GRANT INSERT, UPDATE, DELETE ON quarantined_records TO ledger_writer;
GRANT INSERT, DELETE ON settled_items TO ledger_reconciler;

-- Consents and suppressions.

-- What a person said, never changed; an erasure empties the columns from `source` on, but not `wording` and `at`.
create table consent (
    env integer not null,
    user integer not null,
    version integer not null,
    purpose integer not null,
    channel integer not null,
    granted integer not null,
    source text not null default '',
    wording text,
    locale text,
    stated_by text,
    evidence text not null default '{}',
    at integer not null,
    primary key (env, user, version)
) strict, without rowid;

-- The last word on each purpose and channel (0: all of them), as the version that said it.
create table consent_state (
    env integer not null,
    user integer not null,
    purpose integer not null,
    channel integer not null,
    version integer not null,
    granted integer not null,
    primary key (env, user, purpose, channel)
) strict, without rowid;

-- Addresses that nothing is sent to, each as HMAC-SHA256 under a secret of the store.
create table suppression (
    env integer not null,
    suppression integer not null,
    channel integer not null,
    keyed_hash blob not null,
    reason text not null,
    at integer not null,
    until integer,
    primary key (env, suppression)
) strict, without rowid;
create unique index suppression_by_address on suppression (env, channel, keyed_hash);
create index suppression_by_channel on suppression (env, channel, suppression);
create index suppression_by_reason on suppression (env, reason, suppression);
create index suppression_by_end on suppression (until) where until is not null;

-- The suppression that holds the address, if any.
alter table destination add column suppression integer;
create index destination_by_suppression on destination (env, suppression)
where suppression is not null;

-- Whether the facts of a user need a look into `consent_state` and for suppressed destinations.
alter table user add column consents_version integer not null default 0;
alter table user add column suppressed integer not null default 0;

-- Consents and suppressions.

-- What a person said, never changed; an erasure empties the columns from `source` on, but not `wording` and `at`.
create table consent (
    env bigint not null,
    "user" bigint not null,
    version bigint not null,
    purpose bigint not null,
    channel bigint not null,
    granted bigint not null,
    source text not null default '',
    wording text,
    locale text,
    stated_by text,
    evidence text not null default '{}',
    at bigint not null,
    primary key (env, "user", version)
);

-- The last word on each purpose and channel (0: all of them), as the version that said it.
create table consent_state (
    env bigint not null,
    "user" bigint not null,
    purpose bigint not null,
    channel bigint not null,
    version bigint not null,
    granted bigint not null,
    primary key (env, "user", purpose, channel)
);

-- Addresses that nothing is sent to, each as HMAC-SHA256 under a secret of the store.
create table suppression (
    env bigint not null,
    suppression bigint not null,
    channel bigint not null,
    keyed_hash bytea not null,
    reason text collate "C" not null,
    at bigint not null,
    until bigint,
    primary key (env, suppression)
);
create unique index suppression_by_address on suppression (env, channel, keyed_hash);
create index suppression_by_channel on suppression (env, channel, suppression);
create index suppression_by_reason on suppression (env, reason, suppression);
create index suppression_by_end on suppression (until) where until is not null;

-- The suppression that holds the address, if any.
alter table destination add column suppression bigint;
create index destination_by_suppression on destination (env, suppression)
where suppression is not null;

-- Whether the facts of a user need a look into `consent_state` and for suppressed destinations.
alter table "user" add column consents_version bigint not null default 0;
alter table "user" add column suppressed bigint not null default 0;

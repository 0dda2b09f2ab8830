-- Rows of (purpose, channel, version, granted, source, wording, locale, by, evidence).
insert into consent (
    env, "user", at, purpose, channel, version, granted, source, wording, locale, stated_by, evidence
)
select
    $1::int8, $2::int8, $3::int8, j.purpose, j.channel, j.version, j.granted, j.source, j.wording,
    j.locale, j.stated_by, j.evidence
from
    unnest(
        $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::text[], $9::text[], $10::text[],
        $11::text[], $12::text[]
    ) as j(
        purpose, channel, version, granted, source, wording, locale, stated_by, evidence
    )

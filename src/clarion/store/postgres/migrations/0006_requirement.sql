-- The oldest program that can work with this schema, by the newest migration that it knows. A migration that only
-- adds leaves it as it is; one that an older program could not live with sets it to its own number.
create table requirement (
    needs bigint not null
);
insert into requirement (needs) values (6);

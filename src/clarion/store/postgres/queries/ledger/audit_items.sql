-- Items and, of those that tell several events, what they tell or told of this one.
select
    (select count(*) from item where env = $1 and event = $2 and aggregation_key is null)
    + (select count(*) from item_member where env = $1 and event = $2)

-- There is one writer: nobody else is at these keys.
select 0 from json_each(?) where false

delete from blast_key
where (env, key) in (
    select k.env, k.key
    from json_each(?1) as j
    cross join blast_key as k indexed by blast_key_by_blast
        on k.env = j.value ->> 0 and k.blast = j.value ->> 1
)

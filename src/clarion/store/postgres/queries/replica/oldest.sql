select since from source_state where state = 0 order by since limit 1

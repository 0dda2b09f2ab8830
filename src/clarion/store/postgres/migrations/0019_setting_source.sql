-- Where a choice was made, such as the preference page; '' where the API was asked.
alter table setting_history add column source text not null default '';

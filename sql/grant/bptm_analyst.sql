-- People who study the data: the views of schema analytics, each granted in its own file.
grant usage on schema analytics to bptm_analyst;

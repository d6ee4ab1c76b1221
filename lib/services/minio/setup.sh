#!/bin/sh
# Makes the buckets, policies and users of a store. Everything it does may be done again.
#   /etc/store/buckets        one line a bucket: its name, and `versioned` or `plain`
#   /etc/store/users          one line a user
#   /etc/store/<user>.json    what the user may do
#   /secrets/<user>/          access-key and secret-key of the user
set -eu

scheme=${STORE_URL%%://*}
export MC_HOST_store="$scheme://$ROOT_USER:$ROOT_PASSWORD@${STORE_URL#*://}"

mc ready store

while read -r bucket versioning; do
  mc mb --ignore-existing "store/$bucket"
  if [ "$versioning" = versioned ]; then mc version enable "store/$bucket"; fi
done < /etc/store/buckets

while read -r user; do
  access_key=$(cat "/secrets/$user/access-key")
  mc admin policy create store "$user" "/etc/store/$user.json"
  mc admin user add store "$access_key" "$(cat "/secrets/$user/secret-key")"
  # The client calls it an error when the policy is attached already.
  mc admin policy attach store "$user" --user "$access_key" ||
    mc admin user info store "$access_key" | grep -qw "$user"
done < /etc/store/users

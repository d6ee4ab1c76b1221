#!/bin/sh
# Creates the buckets, policies, users and service accounts of a store. It is idempotent.
# It uses only the shell, `cat` and `mc`: the image of the store contains little else.
#   /etc/store/buckets                  one line per bucket: name, and `plain`, `versioned` or `locked`
#   /etc/store/retentions               bucket, and `none` or mode and period
#   /etc/store/quotas                   bucket, and `none` or bytes
#   /etc/store/anonymous                bucket, and `private` or `download`
#   /etc/store/lifecycle-<bucket>.json  lifecycle rules; no file if the bucket has none
#   /etc/store/policies                 one line per policy
#   /etc/store/<policy>.json            policy document; each user has a policy of the same name
#   /etc/store/users                    one line per user
#   /etc/store/accounts                 user, and name of the service account
#   /etc/store/account-<name>.json      policy of a service account with fewer permissions than its user
#   /secrets/<name>/                    access-key and secret-key of a user or service account
set -eu

scheme=${STORE_URL%%://*}
export MC_HOST_store="$scheme://$ROOT_USER:$ROOT_PASSWORD@${STORE_URL#*://}"
store=/etc/store

mc ready store

while read -r bucket kind; do
  case $kind in
    locked) mc mb --ignore-existing --with-lock "store/$bucket" ;;
    *) mc mb --ignore-existing "store/$bucket" ;;
  esac
  if [ "$kind" = versioned ]; then mc version enable "store/$bucket"; fi
  if [ -e "$store/lifecycle-$bucket.json" ]; then
    mc ilm import "store/$bucket" < "$store/lifecycle-$bucket.json"
  elif mc ilm export "store/$bucket" > /dev/null 2>&1; then
    mc ilm rule rm --all --force "store/$bucket"
  fi
done < $store/buckets

while read -r bucket mode period; do
  case $mode in
    none) mc retention clear --default "store/$bucket" ;;
    *) mc retention set --default "$mode" "$period" "store/$bucket" ;;
  esac
done < $store/retentions

while read -r bucket size; do
  case $size in
    none) mc quota clear "store/$bucket" ;;
    *) mc quota set "store/$bucket" --size "$size" ;;
  esac
done < $store/quotas

while read -r bucket permission; do
  mc anonymous set "$permission" "store/$bucket"
done < $store/anonymous

while read -r policy; do
  mc admin policy create store "$policy" "$store/$policy.json"
done < $store/policies

while read -r user; do
  access_key=$(cat "/secrets/$user/access-key")
  mc admin policy create store "$user" "$store/$user.json"
  mc admin user add store "$access_key" "$(cat "/secrets/$user/secret-key")"
  # Some releases of the client fail if the policy is already attached.
  mc admin policy attach store "$user" --user "$access_key" ||
    case $(mc admin user info store "$access_key") in
      *"PolicyName: "*"$user"*) ;;
      *) exit 1 ;;
    esac
done < $store/users

while read -r user account; do
  parent=$(cat "/secrets/$user/access-key")
  access_key=$(cat "/secrets/$account/access-key")
  secret_key=$(cat "/secrets/$account/secret-key")
  set --
  if [ -e "$store/account-$account.json" ]; then set -- --policy "$store/account-$account.json"; fi
  if mc admin user svcacct info store "$access_key" > /dev/null 2>&1; then
    mc admin user svcacct edit store "$access_key" --secret-key "$secret_key" "$@"
  else
    mc admin user svcacct add store "$parent" --access-key "$access_key" --secret-key "$secret_key" "$@"
  fi
done < $store/accounts

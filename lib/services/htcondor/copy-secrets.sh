# Daemons refuse keys and tokens that belong to somebody else, and files of a Secret belong to root.
set -e
umask 077
for folder in /secrets/*; do
  target="/copies/$(basename "$folder")"
  mkdir -p "$target"
  for file in "$folder"/*; do cat "$file" > "$target/$(basename "$file")"; done
done

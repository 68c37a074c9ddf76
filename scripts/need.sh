# Sourced by scripts/test.sh. need PACKAGE COMMAND WHY makes sure that COMMAND exists: on Debian and Ubuntu it installs PACKAGE, elsewhere
# it says what is missing. Under CI a missing part is a failure; otherwise the tests that need it say so.
updated=

# there COMMAND reports whether a command exists; one with a slash is a pattern of paths.
there() {
	case $1 in
	*/*) compgen -G "$1" >/dev/null ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

need() {
	local package=$1 command=$2 why=$3
	if there "$command"; then
		return
	fi
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
		if [ -z "$updated" ]; then
			apt-get update -qq
			updated=yes
		fi
		# RUNLEVEL=1: the package's own service is not started; the tests start servers of their own.
		RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
	fi
	if there "$command"; then
		return
	fi
	echo "missing: $command ($why); install the package $package" >&2
	if [ "${CI:-}" = true ]; then
		exit 1
	fi
}

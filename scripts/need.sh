# Sourced by scripts/test.sh. need PACKAGE COMMAND WHY notes that COMMAND must exist, and met, once at the end, makes sure of all of them: on
# Debian and Ubuntu it installs the packages of those that are missing, elsewhere it says what is missing. Under CI a missing part is a failure;
# otherwise the tests that need it say so.
needed=()

need() { needed+=("$1|$2|$3"); }

# there COMMAND reports whether a command exists; one with a slash is a pattern of paths.
there() {
	case $1 in
	*/*) compgen -G "$1" >/dev/null ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# again COMMAND... runs what fetches something from elsewhere, and runs it again, at most three times, where that fails: a network that is away
# for a moment is no fault of what is tested.
again() {
	local pause
	for pause in 5 20 60; do
		"$@" && return
		echo "failed, once more in $pause s: $*" >&2
		sleep "$pause"
	done
	"$@"
}

install() {
	# RUNLEVEL=1: the packages' own services are not started; the tests start servers of their own.
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

met() {
	local one package command why missing=()
	for one in "${needed[@]}"; do
		IFS='|' read -r package command why <<<"$one"
		there "$command" || missing+=("$package")
	done
	if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
		again apt-get update -qq || true # what is known of the packages may be enough
		if ! again install "${missing[@]}"; then # one that is not to be had stops all: those that are left are told below
			for package in "${missing[@]}"; do install "$package" || true; done
		fi
	fi
	missing=()
	for one in "${needed[@]}"; do
		IFS='|' read -r package command why <<<"$one"
		there "$command" && continue
		missing+=("$package")
		echo "missing: $command ($why); install the package $package" >&2
	done
	if [ ${#missing[@]} -gt 0 ] && [ "${CI:-}" = true ]; then
		return 1
	fi
}

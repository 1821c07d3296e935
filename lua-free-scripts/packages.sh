# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Sourced by the other scripts, which know $TOP, the root of the clone: speaks
# to the user, and installs the Debian packages that are missing.
#
#   say TEXT...             one line on stderr, with the command's name
#   die TEXT...             the same, and exit 1
#   packages_for build      installs what is missing for a purpose: build, run,
#                           test, fuzz or bench; no apt call when nothing is missing

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

PACKAGES_BUILD='gcc libc6-dev make nginx nginx-dev libhiredis-dev libyajl-dev
    libuv1-dev libcurl4-openssl-dev libssl-dev'
PACKAGES_RUN='nginx redis-server redis-tools procps curl perl'
PACKAGES_TEST='perl curl openssl procps'
PACKAGES_FUZZ='clang libclang-rt-dev llvm'
PACKAGES_BENCH='gcc libc6-dev libhiredis-dev nghttp2-client valgrind perl'


say()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}


die()
{
    say "$@"
    exit 1
}


packages_for()
{
    _wanted=
    for _purpose in "$@"; do
        case $_purpose in
            build) _wanted="$_wanted $PACKAGES_BUILD" ;;
            run)   _wanted="$_wanted $PACKAGES_RUN" ;;
            test)  _wanted="$_wanted $PACKAGES_TEST" ;;
            fuzz)  _wanted="$_wanted $PACKAGES_FUZZ" ;;
            bench) _wanted="$_wanted $PACKAGES_BENCH" ;;
        esac
    done

    _missing=$(packages_missing "$_wanted")
    [ -z "$_missing" ] || packages_install "$_missing"
}


# The packages of the list that are not installed, on one line.
packages_missing()
{
    command -v dpkg-query > /dev/null ||
        die "this is not Debian: install by hand the counterparts of $1"

    # dpkg-query fails when it does not know one of them; its list is complete
    # shellcheck disable=SC2086
    _installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $1 \
        2> /dev/null | sed -n 's/^installed //p') || true

    _list=
    for _package in $1; do
        case "
$_installed
$_list " in
            *"
$_package
"* | *" $_package "*) ;;
            *) _list="$_list $_package" ;;
        esac
    done

    printf '%s' "${_list# }"
}


packages_install()
{
    if [ "$(id -u)" -eq 0 ]; then
        _root=
    elif command -v sudo > /dev/null; then
        _root=sudo
    else
        die "run as root (there is no sudo here): apt-get install $1"
    fi

    say "installing $1"

    # Debian starts what it installs.  The distribution's own answer to that
    # is policy-rc.d; one that is already there stays as it is.
    _policy=/usr/sbin/policy-rc.d
    if [ ! -e $_policy ]; then
        # shellcheck disable=SC2016
        $_root sh -c 'printf "#!/bin/sh\nexit 101\n" > "$1" && chmod 755 "$1"' \
            sh $_policy
        trap 'packages_uncover; exit 130' INT TERM HUP
    else
        _policy=
    fi

    _status=0
    packages_apt "$1" || _status=$?

    packages_uncover
    trap - INT TERM HUP
    [ $_status -eq 0 ] || die "apt-get could not install: $1"

    packages_keep_stopped "$1"
}


# One try with the lists at hand, a second one with fresh lists.
packages_apt()
{
    # shellcheck disable=SC2086
    $_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $1 > "$PACKAGES_LOG" 2>&1 && return

    $_root env DEBIAN_FRONTEND=noninteractive apt-get update -q \
        >> "$PACKAGES_LOG" 2>&1 || true

    # shellcheck disable=SC2086
    $_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $1 >> "$PACKAGES_LOG" 2>&1 && return

    tail -n 20 "$PACKAGES_LOG" >&2
    return 1
}


packages_uncover()
{
    [ -z "$_policy" ] || $_root rm -f "$_policy"
}


# A service that came with our packages does not start at the next boot; one
# that was there before is not touched.
packages_keep_stopped()
{
    command -v systemctl > /dev/null || return 0

    for _package in $1; do
        case $_package in
            nginx | redis-server)
                $_root systemctl disable "$_package" > /dev/null 2>&1 || true
                ;;
        esac
    done
}

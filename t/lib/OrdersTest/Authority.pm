# SPDX-License-Identifier: BSD-2-Clause

# A certificate authority of a suite's own, by the openssl program.  Keys are
# made at run time and go with the stage's folder.
#
#   my $authority = OrdersTest::Authority->new($stage->{dir}, 'ca');
#   $authority->{file}                              # its certificate
#   my ($cert, $key) = $authority->issue('server', 'IP:127.0.0.1');
#   ... = $authority->issue('old', 'IP:127.0.0.1', days => -1);    # expired

package OrdersTest::Authority;

use strict;
use warnings;

use Carp qw(croak);

use OrdersTest::Stage;

my @key = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes);


sub new
{
    my ($class, $dir, $name) = @_;

    my $self = bless { dir => $dir, name => $name,
        file => "$dir/$name.pem", key => "$dir/$name.key" }, $class;
    $self->openssl('req', '-x509', @key, '-days', 1, '-subj', "/CN=$name",
        '-keyout', $self->{key}, '-out', $self->{file});
    return $self;
}


# Certificate and key for a name; the files' names.
sub issue
{
    my ($self, $name, $alt, %option) = @_;

    my $path = "$self->{dir}/$self->{name}.$name";
    $self->openssl('req', '-new', @key, '-subj', "/CN=$name",
        '-addext', "subjectAltName=$alt", '-keyout', "$path.key",
        '-out', "$path.csr");
    $self->openssl('x509', '-req', '-in', "$path.csr", '-CA', $self->{file},
        '-CAkey', $self->{key}, '-CAcreateserial',
        '-days', $option{days} || 1, '-copy_extensions', 'copy',
        '-out', "$path.pem");
    return ("$path.pem", "$path.key");
}


sub openssl
{
    my ($self, @words) = @_;

    my $pid = fork;
    croak "fork: $!" if !defined $pid;
    if (!$pid) {
        open STDOUT, '>', "$self->{dir}/openssl.log";
        open STDERR, '>&', \*STDOUT;
        exec 'openssl', @words;
    }

    waitpid $pid, 0;
    croak "openssl @words: " . OrdersTest::Stage::slurp(
        "$self->{dir}/openssl.log") if $?;
    return;
}

1;

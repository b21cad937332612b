# Receive what a service tells its manager: notify.pl SOCKET; a line for each datagram.
use strict;
use warnings;
use IO::Socket::UNIX;

my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$ARGV[0]: $!\n";
chmod 0666, $ARGV[0];
$| = 1;
print "LISTENING\n";
while (defined $socket->recv(my $text, 4096)) {
    print "$text\n";
}

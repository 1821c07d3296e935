#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Documents accepted or refused by graphql-js and by our engine: see
# validate.mjs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Oracle qw(compare);

compare(script => 'validate.mjs', tool => 'validate_tool', count => 7000,
        version => '17.1.0',
        schemas => ['t/oracle/zoo.graphql', 't/oracle/orders.graphql',
                    't/oracle/execute.graphql']);

#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# What introspection says of a schema, by graphql-js and by our engine: see
# introspection.mjs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Oracle qw(compare);

compare(script => 'introspection.mjs', tool => 'execute_tool', count => 1,
        schemas => ['t/oracle/execute.graphql', 't/oracle/zoo.graphql',
                    'conf/schema.graphql']);

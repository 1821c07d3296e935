#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Requests executed by graphql-js and by our engine: see execute.mjs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Oracle qw(compare);

compare(script => 'execute.mjs', tool => 'execute_tool', count => 3000,
        schemas => ['t/oracle/execute.graphql', 't/oracle/zoo.graphql']);

#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Schemas accepted or refused by graphql-js and by our engine: see schema.mjs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Oracle qw(compare);

compare(script => 'schema.mjs', tool => 'schema_tool', count => 3000,
        version => '17.1.0', schemas => ['generated schemas']);

#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Workflows run by aws-local-stepfunctions and by our engine: see workflow.mjs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Oracle qw(compare);

compare(script => 'workflow.mjs', tool => 'workflow_tool',
        library => 'workflow', package => 'aws-local-stepfunctions',
        version => '3.0.0', count => 1000);

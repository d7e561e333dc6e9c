// What a page is made of; what it remembers of the browser comes before the SDKs.
import './peer_connections';
import './sockets';
import './client';
import './person';
